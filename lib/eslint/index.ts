/**
 * Public entry `next-atproto-auth/eslint`: a plugin for ESLint, with one rule. It imports neither ESLint nor anything
 * else of the library.
 */
import { requireSessionRule } from './require-session.ts'

export type { RequireSessionRuleOptions } from './require-session.ts'

/**
 * The plugin. Its rule `require-session` finds pages, route handlers and server actions that never ask for the session.
 *
 * @example
 * ```ts
 * const config = {
 *   ignores: ['app/page.tsx', 'app/sign-in/**'], // what is for everyone
 *   plugins: { 'next-atproto-auth': atprotoAuth },
 *   rules: { 'next-atproto-auth/require-session': 'error' },
 * }
 * ```
 */
const plugin = {
  meta: { name: 'next-atproto-auth' },
  rules: { 'require-session': requireSessionRule },
}

export default plugin
