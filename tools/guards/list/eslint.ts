import type { Guard } from '../guard.ts'

/** The lint rule that finds pages, routes and actions which never ask for the session: lib/eslint. */
export const eslintGuards: readonly Guard[] = [
  {
    file: 'eslint/session-calls.ts',
    what: 'the lint rule takes a function that is never called for a check',
    why: 'reads a page whose check never runs',
    from: 'if (this.asks || isFunction(node) || isClass(node)) return',
    to: 'if (this.asks) return',
    tests: ['unit/eslint/require-session'],
  },
  {
    file: 'eslint/session-calls.ts',
    what: 'the lint rule takes a call whose answer is thrown away for a check',
    why: 'reads a page that redirects no one, because the `await` is missing',
    from: 'if (isLost) this.withoutEffect.push(call)',
    to: 'if (isLost) this.asks = true',
    tests: ['unit/eslint/require-session'],
  },
  {
    file: 'eslint/session-calls.ts',
    what: 'the lint rule takes any function for a check that has the name of one',
    why: 'reads a page that asks a function of its own file, which checks nothing',
    from: 'else if (declared) this.follow(declared)\n',
    to: '',
    tests: ['unit/eslint/require-session'],
  },
  {
    file: 'eslint/session-calls.ts',
    what: 'the lint rule takes the check of an action for one of its page',
    why: 'reads a page that asks only when its form is sent',
    from: 'if (isFunction(argument) && !isInlineAction(argument)) this.follow(argument)',
    to: 'if (isFunction(argument)) this.follow(argument)',
    tests: ['unit/eslint/require-session'],
  },
  {
    file: 'eslint/session-calls.ts',
    what: 'the lint rule lets an action do anything after a sign-out',
    why: 'calls an action that changes data and never asks who calls',
    from: 'if (!only || others.length > 0) return false',
    to: 'if (!only) return false',
    tests: ['unit/eslint/require-session'],
  },
  {
    file: 'eslint/entry-points.ts',
    what: 'the lint rule lets an export of another file pass',
    why: 'calls a method that another file exports, where the rule does not look',
    from: 'return value === undefined || isFunction(value)',
    to: 'return isFunction(value)',
    tests: ['unit/eslint/require-session'],
  },
]
