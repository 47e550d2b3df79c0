/** An application under a path of its host, with the slashes and the languages that make redirects hard. */
import type { NextConfig } from 'next'

const config: NextConfig = { basePath: '/shop', trailingSlash: true }

export default config
