/**
 * Adds `allowedDevOrigins` to next.config. Loopback sign-in returns to 127.0.0.1 (RFC 8252 §7.3), but `next dev` allows
 * only localhost to load its scripts.
 */

export const CONFIG_LINE = `allowedDevOrigins: ['127.0.0.1'],`

// Separate, so that tools that scan for imports do not take the text of the generated file for one of ours.
const NEXT = "'next'"

/** The complete file, for an application that has none. */
export const newConfig = {
  ts: fileWith(`import type { NextConfig } from ${NEXT}\n`, 'const config: NextConfig = {'),
  js: fileWith(`/** @type {import(${NEXT}).NextConfig} */`, 'const config = {'),
} as const

function fileWith(head: string, opening: string): string {
  const why = '// Sign-in in development returns to 127.0.0.1, which `next dev` otherwise blocks.'
  return [head, opening, `  ${why}`, `  ${CONFIG_LINE}`, '}\n', 'export default config\n'].join('\n')
}

/**
 * Adds the line to the text of a next.config. Returns the same text when it already mentions `allowedDevOrigins`, and
 * undefined when the file is not simply one exported object, so that the user has to add the line.
 */
export function allowLoopbackOrigin(text: string): string | undefined {
  if (text.includes('allowedDevOrigins')) return text
  // A match inside a template literal would be wrong, so the user has to edit such a file.
  if (text.includes('`')) return undefined
  const objects = [
    ...text.matchAll(/^(?:export default|module\.exports =|(?:const|let|var) (\w+)(?::\s*\w+)? =) \{/gm),
  ]
  const [object, ...others] = objects
  if (!object || others.length > 0 || !isExported(text, object[1])) return undefined
  if (text.lastIndexOf('/*', object.index) > text.lastIndexOf('*/', object.index)) return undefined
  const at = object.index + object[0].length
  const rest = text.slice(at)
  return `${text.slice(0, at)}\n  ${CONFIG_LINE}${rest.startsWith('\n') ? '' : '\n'}${rest.replace(/^ +/, '  ')}`
}

/** @param name undefined for an object that is exported directly */
function isExported(text: string, name: string | undefined): boolean {
  if (name === undefined) return true
  return new RegExp(`^(?:export default|module\\.exports =) (?:[\\w.]+\\()*${name}\\b`, 'm').test(text)
}
