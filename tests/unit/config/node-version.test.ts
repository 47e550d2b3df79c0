import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { lowestNode, problemOfNode } from '../../../lib/config/node-version.ts'
import manifest from '../../../package.json' with { type: 'json' }

const MESSAGE =
  'next-atproto-auth needs Node.js 22.13 or later; this is 20.20.2. Install a newer one from https://nodejs.org.'

describe('the version of Node.js', () => {
  it.each([lowestNode, '22.14.0', '24.0.0', '26.1.0', process.versions.node])(
    '%s is high enough',
    (version) => {
      expect(satisfies(version, manifest.engines.node)).toBe(true)
      expect(problemOfNode(version)).toBeUndefined()
    },
  )

  it.each(['18.20.4', '20.20.2', '22.12.0', '21.7.3'])('%s is too low', (version) => {
    expect(satisfies(version, manifest.engines.node)).toBe(false)
    expect(problemOfNode(version)).toContain(`this is ${version}.`)
  })

  it('is told in one line by every command', async () => {
    const pretend = 'Object.defineProperty(process.versions,"node",{value:"20.20.2"})'
    const args = ['--import', `data:text/javascript,${pretend}`, 'lib/cli/main.ts', '--help']
    const run = promisify(execFile)(process.execPath, args)
    await expect(run).rejects.toMatchObject({ code: 1, stdout: '', stderr: `${MESSAGE}\n` })
  })
})
