/**
 * A page of the repository as it is in the package. Links between packed pages lead to the packed pages. Links to
 * anything else become addresses in the repository; while that has no address, pictures are left out, links are plain
 * text, and the end of the page says where their targets are.
 */
import { dirname, join, normalize, relative } from 'node:path'
import type { Repository } from './repository.ts'

/** What a page's links can lead to. */
export interface Surroundings {
  /** Path in the package by path in the repository, of each packed page. */
  readonly packed: ReadonlyMap<string, string>
  readonly repository: Repository | undefined
  /** Whether a path in the repository is a folder. */
  readonly isFolder: (path: string) => boolean
  /** Whether the page is also shown at an address where relative links lead nowhere, as npm shows README. */
  readonly isShownElsewhere?: (path: string) => boolean
}

/** In place of a link (around its path, a separator and its label) or picture that leads nowhere; in no page. */
const GONE = '\u0000'
const PICTURE_GONE = '\u0001'
const SEPARATOR = '\u0002'

/** A code block, a code span, or a link or picture: whichever begins first. */
const codeOrLink =
  /^ *(`{3,})[\s\S]*?^ *\1$|(`+)(?!`)(?:[^\n]|\n(?!\n))+?(?<!`)\2(?!`)|(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/gm

/**
 * Returns the text of the page at `path` in the repository as it is packed. Code stays as it is.
 *
 * A line or table of nothing but pictures, a table row that offers nothing but links, the end of a list of links in a
 * table, "([test](…))", and a sentence or parenthesis about a decision go with what they lead to.
 */
export function packPage(path: string, text: string, surroundings: Surroundings): string {
  const marked = text.replace(codeOrLink, (whole, _fence, _ticks, mark, label, target) => {
    if (label === undefined || /^([a-z]+:|#)/.test(target)) return whole
    const found = addressOf(path, target, mark === '!', surroundings)
    if (found !== undefined) return `${mark}[${label}](${found})`
    if (mark === '!') return PICTURE_GONE
    return `${GONE}${pathOf(path, target)}${SEPARATOR}${label}${GONE}`
  })
  return withPlaces(withoutRemains(marked))
}

/** The path in the repository that a page's link leads to. */
function pathOf(from: string, target: string): string {
  return normalize(join(dirname(from), decodeURI(target.split('#')[0] ?? '')))
}

function addressOf(
  from: string,
  target: string,
  isPicture: boolean,
  surroundings: Surroundings,
): string | undefined {
  const { packed, repository, isFolder, isShownElsewhere } = surroundings
  const [, anchor] = target.split('#')
  const fragment = anchor === undefined ? '' : `#${anchor}`
  const path = pathOf(from, target)
  const inPackage = packed.get(path)
  if (inPackage !== undefined && !(repository && isShownElsewhere?.(from))) {
    return relative(dirname(packed.get(from) ?? from), inPackage) + fragment
  }
  if (repository === undefined) return undefined
  if (isPicture) return repository.rawUrl(path)
  return (isFolder(path) ? repository.folderUrl(path) : repository.fileUrl(path)) + fragment
}

function withoutRemains(marked: string): string {
  const link = `${GONE}[^${GONE}]*${GONE}`
  const onlyLinks = new RegExp(`^ *${link}(?:, ${link})* *$`)
  const restOfList = new RegExp(`(\\]\\([^)\\s]+\\))(?:, ${link})+(?= *\\|)`, 'g')
  const lines = marked.split('\n').filter((line) => {
    const cells = line.startsWith('| ') ? line.split('|').slice(1, -1) : [line]
    const isOfPictures = line.includes(PICTURE_GONE) && /^[|\s]*$/.test(line.replaceAll(PICTURE_GONE, ''))
    return !isOfPictures && !(line.startsWith('| ') && cells.some((cell) => onlyLinks.test(cell)))
  })
  return lines
    .map((line) => (line.startsWith('| ') ? line.replace(restOfList, '$1') : line))
    .join('\n')
    .replace(/^\|.*\n\|[-| :]+\|\n(?!\|)/gm, '')
    .replace(new RegExp(`\\s+\\(${GONE}[^${GONE}]*${SEPARATOR}(?:tests?|decision \\d+)${GONE}\\)`, 'g'), '')
    .replace(new RegExp(`(?<=^|\\s)${GONE}[^${GONE}]*${SEPARATOR}Decision \\d+${GONE}[^.]*\\.\\s?`, 'gm'), '')
    .replaceAll(PICTURE_GONE, '')
    .replace(/\n{3,}/g, '\n\n')
}

/** Links as their labels, and at the end a line with the paths that they led to. */
function withPlaces(marked: string): string {
  const link = new RegExp(`${GONE}([^${SEPARATOR}]*)${SEPARATOR}([^${GONE}]*)${GONE}`, 'g')
  const paths = new Set([...marked.matchAll(link)].map(([, path]) => `\`${path}\``))
  const text = marked.replace(link, (_link, _path, label) => label)
  if (paths.size === 0) return text
  return `${text.trimEnd()}\n\nIn the repository of this library, not in the package: ${[...paths].join(', ')}.\n`
}
