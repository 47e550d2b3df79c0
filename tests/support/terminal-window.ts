/** Somebody at a real terminal: a shell in a pseudo-terminal (`script` of util-linux), where lines are typed and read. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'

const PROMPT = 'ready> '
const ANSWER_LIMIT_MS = 60_000

export interface TerminalWindow extends AsyncDisposable {
  /**
   * Types a line, and waits until the shell is ready for the next one.
   *
   * @param until waits for these words instead, where the command asks something
   * @returns what was shown since, the line itself included
   * @throws Error with what was shown when it does not come
   */
  type(line: string, until?: string): Promise<string>
  /** Presses Ctrl-C; what was shown until the shell is ready. */
  interrupt(): Promise<string>
  /** All that was shown so far. */
  shown(): string
}

/** Opens it in `folder`; the program that is tried has to be in `path`. */
export async function openTerminalWindow(folder: string, path: string): Promise<TerminalWindow> {
  const child = spawn('script', ['--quiet', '--flush', '--command', 'sh', '/dev/null'], {
    cwd: folder,
    // A group of its own: the shell's jobs end with it.
    detached: true,
    env: { PATH: path, HOME: folder, PS1: PROMPT, TERM: 'xterm', SHELL: '/bin/sh', NODE_ENV: 'production' },
  })
  const exited = once(child, 'close')
  let shown = ''
  let arrived: () => void = () => {}
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk
    arrived()
  })

  async function shownUntil(words: string, from: number): Promise<string> {
    const deadline = AbortSignal.timeout(ANSWER_LIMIT_MS)
    for (;;) {
      const text = plain(shown.slice(from))
      if (text.endsWith(words)) return text
      await new Promise<void>((resolve, reject) => {
        arrived = resolve
        deadline.onabort = () => reject(new Error(`"${words}" was not shown:\n${text}`))
      })
    }
  }
  async function send(keys: string, until = PROMPT): Promise<string> {
    const from = shown.length
    child.stdin.write(keys)
    return shownUntil(until, from)
  }

  await shownUntil(PROMPT, 0)
  // `script` takes its size from a terminal, and has none here.
  await send('stty cols 100 rows 30\n')
  return {
    type: (line, until) => send(`${line}\n`, until),
    interrupt: () => send('\x03'),
    shown: () => plain(shown),
    async [Symbol.asyncDispose]() {
      child.stdin.end('exit\n')
      await exited
    },
  }
}

/** As it is read on the screen, but for lines that were typed over. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\r\n', '\n').replaceAll('\r', '')
}
