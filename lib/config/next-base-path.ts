/**
 * Next's `basePath`, which Next's bundlers put in place of this variable in everything they bundle, as `<Link>` does;
 * undefined in code that they have not bundled, such as tests. Known before any configuration is read.
 */
export const bundledBasePath: string | undefined = process.env.__NEXT_ROUTER_BASEPATH
