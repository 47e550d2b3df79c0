/** What the README says outside of its files, and how files are compared. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')

const section = readme.split(/^## /m).find((part) => part.startsWith('Three files')) ?? ''

/** Whether the section "Three files" says so. */
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
