import { onTestFinished, vi } from 'vitest'

/** What the console is given until the test ends; nothing of it is shown. */
export function recordLog(): unknown[] {
  const lines: unknown[] = []
  for (const level of ['error', 'warn', 'log', 'info'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation((...words) => void lines.push(...words))
    onTestFinished(() => void spy.mockRestore())
  }
  return lines
}
