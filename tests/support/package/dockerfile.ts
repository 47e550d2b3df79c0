/**
 * Follows the Dockerfile of docs/deployment.md step by step, where there is no Docker: each stage is a folder, each
 * RUN a command in it. So its commands and copies are tried, and not the images it names.
 */
import { chown, cp, mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { runIn } from './npm.ts'

/** What `docker run` would start. */
export interface Image {
  readonly folder: string
  /** Of the stage that built it, with what Next.js keeps there for the next build. */
  readonly buildFolder: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Of the user it runs as, where this process may become somebody else. */
  readonly userId: number | undefined
  /** What its steps printed. */
  readonly output: string
}

interface Stage {
  readonly folder: string
  readonly environment: Record<string, string>
  command: readonly string[]
  isRoot: boolean
}

/** Of nobody, in place of the image's user `node`. */
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const guide = join(import.meta.dirname, '../../../docs/deployment.md')

/**
 * Builds the application in `source` beside it, in folders that begin with its name.
 *
 * @throws Error for an instruction it does not know, and with what a step printed when it fails
 */
export async function followDockerfile(source: string): Promise<Image> {
  const stages = new Map<string, Stage>()
  const ignored = linesOf(await blockOf('.dockerignore'))
  let output = ''
  let stage: Stage | undefined
  for (const [word, rest] of (await instructions()).map(splitOnce)) {
    if (word === 'FROM') {
      const [, name = 'final'] = / AS (\w+)$/i.exec(rest) ?? []
      stage = { folder: `${source}-${name}`, environment: {}, command: [], isRoot: true }
      await mkdir(stage.folder)
      stages.set(name, stage)
      continue
    }
    if (!stage) throw new Error(`${word} comes before FROM`)
    if (word === 'COPY') await copy(rest, { source, ignored, stage, stages })
    else if (word === 'RUN') output += await runStep(rest, source, stage)
    else if (word === 'ENV') Object.assign(stage.environment, readPairs(rest, source))
    else if (word === 'USER') stage.isRoot = rest === 'root'
    else if (word === 'CMD') stage.command = z.array(z.string()).parse(JSON.parse(rest))
    else if (word === 'WORKDIR') placeOf(rest, source, stage)
    else if (word !== 'EXPOSE' && word !== 'VOLUME') throw new Error(`This test knows no ${word}.`)
  }
  if (!stage) throw new Error('The Dockerfile has no stage.')
  const { folder, command, environment } = stage
  const buildFolder = stages.get('build')?.folder ?? folder
  return {
    folder,
    buildFolder,
    command,
    environment,
    output,
    userId: isRoot && !stage.isRoot ? NOBODY : undefined,
  }
}

/** The block of the guide whose first line is a comment with that name. */
async function blockOf(name: string): Promise<string> {
  const blocks = [...(await readFile(guide, 'utf8')).matchAll(/^```\w*\n# (\S+)\n(.*?)^```$/gms)]
  const [, , text] = blocks.find(([, title]) => title === name) ?? []
  if (text === undefined) throw new Error(`docs/deployment.md has no ${name}.`)
  return text
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

async function instructions(): Promise<readonly string[]> {
  return linesOf((await blockOf('Dockerfile')).replaceAll(/\\\n\s*/g, ''))
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(' ')
  return [line.slice(0, at), line.slice(at + 1)]
}

/** `/app` is the folder of the stage and `/data` one of its own; nothing else of an image is touched. */
function placeOf(path: string, source: string, stage: Stage): string {
  if (path === '/data') return `${source}-data`
  if (path === '/app' || path.startsWith('/app/')) return join(stage.folder, path.slice('/app'.length))
  if (path.startsWith('/')) throw new Error(`${path} is neither in /app nor in /data.`)
  return join(stage.folder, path)
}

interface CopyPlan {
  readonly source: string
  readonly ignored: readonly string[]
  readonly stage: Stage
  readonly stages: ReadonlyMap<string, Stage>
}

async function copy(rest: string, { source, ignored, stage, stages }: CopyPlan): Promise<void> {
  const words = rest.split(' ')
  const paths = words.filter((word) => !word.startsWith('--'))
  const [, from] = /--from=(\w+)/.exec(rest) ?? []
  const origin = from === undefined ? undefined : stages.get(from)
  const target = placeOf(paths.pop() ?? '', source, stage)
  for (const path of paths) {
    const place = origin ? placeOf(path, source, origin) : join(source, path)
    const isFile = path.endsWith('.json')
    await cp(place, isFile ? join(target, basename(path)) : target, {
      recursive: true,
      filter: (file) => origin !== undefined || !ignored.some((pattern) => matches(basename(file), pattern)),
    })
  }
  if (isRoot && words.includes('--chown=node:node')) await runIn(target, 'chown', ['-R', owner, '.'])
}

/** Names and `*` at their end, which is all that the guide's file has. */
function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

const owner = `${NOBODY}:${NOBODY}`

async function runStep(command: string, source: string, stage: Stage): Promise<string> {
  const data = placeOf('/data', source, stage)
  const local = command.replaceAll('/data', data).replaceAll(/ && chown node:node \S+/g, '')
  // Docker sets no NODE_ENV: with it npm would leave out what builds the application.
  const printed = await runIn(stage.folder, 'sh', ['-c', `unset NODE_ENV; (${local}) 2>&1`])
  if (isRoot && command.includes(' && chown node:node /data')) await chown(data, NOBODY, NOBODY)
  return printed
}

function readPairs(text: string, source: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(' ').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return [name, value === '/data' ? `${source}-data` : value]
    }),
  )
}
