/** Sends requests on a fixed number of connections, in a process of its own. */
import { Agent, get } from 'node:http'
import { percentile } from '../statistics.ts'

export interface Load {
  readonly url: string
  readonly cookie: string
  /** What every answer has to contain. */
  readonly expected: string
  readonly connections: number
  readonly durationMs: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

async function run({ url, cookie, expected, connections, durationMs }: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  const begun = performance.now()
  const endsAt = begun + durationMs
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < endsAt) {
        const sentAt = performance.now()
        const answer = await textOf(url, cookie, agent)
        times.push(performance.now() - sentAt)
        if (!answer.includes(expected))
          throw new Error(`An answer lacks ${expected}: ${answer.slice(0, 300)}`)
      }
    }),
  )
  const perSecond = (times.length * 1000) / (performance.now() - begun)
  agent.destroy()
  return { perSecond, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) }
}

function textOf(url: string, cookie: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { cookie } }, (answer) => {
      answer.setEncoding('utf8')
      answer.toArray().then((chunks) => resolve(`${answer.statusCode} ${chunks.join('')}`), reject)
    })
    request.on('error', reject)
  })
}

process.on('message', async (load: Load) => {
  const reply = await run(load).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: String(error) }),
  )
  process.send?.(reply)
})
