/** Opens a browser on this machine, where there is one. */
import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Opens the URL.
 *
 * @returns whether a program took it; what that program does with it is not known
 */
export function openBrowser(
  url: URL,
  env: Environment,
  platform: string = process.platform,
): Promise<boolean> {
  const command = commandFor(url, env, platform)
  if (!command) return Promise.resolve(false)
  const [program, ...args] = command
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => resolve(true))
    child.unref()
  })
}

/** Without a shell anywhere: the URL is a server's text. Undefined where nobody would see a browser. */
export function commandFor(
  { href }: URL,
  env: Environment,
  platform: string,
): readonly [string, ...string[]] | undefined {
  if (platform === 'darwin') return ['open', href]
  // `start` is a word of cmd.exe, which would read the & of a URL as the end of the command.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', href]
  // Without a display xdg-open falls back to a browser in this very terminal.
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', href] : undefined
}
