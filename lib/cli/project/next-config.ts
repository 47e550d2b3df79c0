/**
 * `allowedDevOrigins` in next.config: loopback sign-in comes back to 127.0.0.1 (RFC 8252 §7.3), while `next dev`
 * lets only localhost load its scripts.
 */

export const LINE = `allowedDevOrigins: ['127.0.0.1'],`

// Apart, so that no reader of imports takes the file's text for an import of ours.
const NEXT = "'next'"

/** The whole file, for an application that has none. */
export const newConfig = {
  ts: fileWith(`import type { NextConfig } from ${NEXT}\n`, 'const config: NextConfig = {'),
  js: fileWith(`/** @type {import(${NEXT}).NextConfig} */`, 'const config = {'),
} as const

function fileWith(head: string, opening: string): string {
  const why = '// Sign-in in development comes back to 127.0.0.1, which `next dev` otherwise blocks.'
  return [head, opening, `  ${why}`, `  ${LINE}`, '}\n', 'export default config\n'].join('\n')
}

/**
 * The text of a next.config with the line in it; the same text when it names `allowedDevOrigins` already;
 * undefined when it is not plainly one object that is exported, and a person has to add the line.
 */
export function allowLoopbackOrigin(text: string): string | undefined {
  if (text.includes('allowedDevOrigins')) return text
  // In a template a match may be none: such a file is left to a person.
  if (text.includes('`')) return undefined
  const objects = [
    ...text.matchAll(/^(?:export default|module\.exports =|(?:const|let|var) (\w+)(?::\s*\w+)? =) \{/gm),
  ]
  const [object, ...others] = objects
  if (!object || others.length > 0 || !isExported(text, object[1])) return undefined
  if (text.lastIndexOf('/*', object.index) > text.lastIndexOf('*/', object.index)) return undefined
  const at = object.index + object[0].length
  const rest = text.slice(at)
  return `${text.slice(0, at)}\n  ${LINE}${rest.startsWith('\n') ? '' : '\n'}${rest.replace(/^ +/, '  ')}`
}

/** @param name undefined for an object that is itself exported */
function isExported(text: string, name: string | undefined): boolean {
  if (name === undefined) return true
  return new RegExp(`^(?:export default|module\\.exports =) (?:[\\w.]+\\()*${name}\\b`, 'm').test(text)
}
