/** Opens a browser on this machine, if there is one. */
import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Opens the URL in the default browser.
 *
 * @returns whether a program was started; whether it shows the page is not known
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

/**
 * The command that opens the URL, without a shell because the URL is text of a server. Undefined where there is no
 * display.
 */
export function commandFor(
  { href }: URL,
  env: Environment,
  platform: string,
): readonly [string, ...string[]] | undefined {
  if (platform === 'darwin') return ['open', href]
  // `start` belongs to cmd.exe, which would treat the & of a URL as the end of the command.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', href]
  // Without a display, xdg-open falls back to a text browser in this terminal.
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', href] : undefined
}
