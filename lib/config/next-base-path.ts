/**
 * Next's `basePath`, which its bundlers write into everything they bundle (it is what `<Link>` goes by); undefined
 * where none of them passed, such as in tests. Part of what may be said before anything is configured.
 */
export const bundledBasePath: string | undefined = process.env.__NEXT_ROUTER_BASEPATH
