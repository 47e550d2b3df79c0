/** The files that the README tells its reader to write. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ReadmeFile {
  readonly path: string
  /** The block as it is printed, its first line with the path included. */
  readonly text: string
}

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')

const section = readme.split(/^## /m).find((part) => part.startsWith('Three files')) ?? ''

/** The code blocks of the section "Three files" whose first line is a comment with a path, in their order. */
export function readmeFiles(): readonly ReadmeFile[] {
  const blocks = [...section.matchAll(/^```tsx?\n(\/\/ (\S+\.tsx?)\b.*?)^```$/gms)]
  return blocks.map(([, text = '', path = '']) => ({ path, text }))
}

/** Whether that section says so. */
export function readmeNames(words: string): boolean {
  return section.includes(words)
}

/** A file's text without comments, which are a matter of taste. */
export function codeOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(\/[/*]|$)/.test(line))
    .join('\n')
}
