/**
 * Next's bundlers replace this variable with `basePath`, as for `<Link>`. It is undefined in code that they have not
 * bundled, such as tests. Known before any configuration is read.
 */
export const bundledBasePath: string | undefined = process.env.__NEXT_ROUTER_BASEPATH
