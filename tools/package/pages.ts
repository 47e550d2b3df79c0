/** The pages that the package holds: which, where, and the index of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packPage, type Surroundings } from './packed-page.ts'
import { parseRepository } from './repository.ts'

/** Where the documentation is in the package: beside the code, as Next.js has its own. */
export const docsFolder = 'dist/docs'

/** Pages at the root of the repository that keep their place in the package. */
export const rootPages: readonly string[] = ['README.md', 'CHANGELOG.md', 'SECURITY.md']

/** About the repository and its tests, which nobody has who has only the package. */
const leftOut: ReadonlySet<string> = new Set(['architecture.md', 'conformance.md', 'guards.md'])

export interface PackedFile {
  /** Path in the package. */
  readonly path: string
  readonly text: string
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly repository?: unknown
}

/**
 * Returns all pages of the package as they are packed, and `llms.txt`, the index for tools.
 *
 * @throws TypeError when `repository` in package.json is no repository on GitHub
 */
export function packedFiles(root: string): readonly PackedFile[] {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && !leftOut.has(name))
  const packed = new Map([
    ...rootPages.map((path) => [path, path] as const),
    ...docs.map((name) => [`docs/${name}`, `${docsFolder}/${name}`] as const),
  ])
  const surroundings: Surroundings = {
    packed,
    repository: parseRepository(manifest.repository, manifest.version),
    isFolder: (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false,
    isShownElsewhere: (path) => path === 'README.md',
  }
  const pages = [...packed].map(([source, path]) => {
    const text = packPage(source, readFileSync(join(root, source), 'utf8'), surroundings)
    return { path, text: source === 'README.md' ? withDocsNamed(text) : text }
  })
  const index = pages.find(({ path }) => path === `${docsFolder}/README.md`)?.text ?? ''
  return [...pages, { path: `${docsFolder}/llms.txt`, text: writeIndex(index, manifest) }]
}

/** README leads to pages of the repository when that has an address; a tool reads those of the installed version. */
function withDocsNamed(readme: string): string {
  const sentence = `This package contains its documentation: see \`${docsFolder}/README.md\`, or \`${docsFolder}/llms.txt\` for tools.`
  return readme.replace('\n## Documentation\n', `\n## Documentation\n\n${sentence}\n`)
}

/** The table of docs/README.md in the form of llmstxt.org: one page a line, with what it is for. */
function writeIndex(docsReadme: string, { name, version, description }: Manifest): string {
  const [table = ''] = docsReadme.split('\n## ')
  const rows = [...table.matchAll(/^\| ([^|]+) \| ([^|]*\]\([^|]+) \|$/gm)]
  const lines = rows.flatMap(([, need = '', links = '']) =>
    [...links.matchAll(/\[[^\]]+\]\([^)]+\)/g)].map(([link]) => `- ${link}: ${need}`),
  )
  return [
    `# ${name} ${version}`,
    `> ${description}`,
    `The documentation of the installed version. Paths are relative to this file. Read [the terms](README.md#terms) first if you do not know the AT Protocol.`,
    '## Pages',
    lines.join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}
