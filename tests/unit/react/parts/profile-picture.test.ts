import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProfilePicture } from '../../../../lib/react/parts/profile-picture.tsx'
import { recordLog } from '../../../support/record-log.ts'
import { render } from '../../../support/unit/render.ts'

const LOCAL = 'http://127.0.0.1:2583/xrpc/com.atproto.sync.getBlob?cid=x'
afterEach(() => void vi.unstubAllEnvs())

describe('ProfilePicture', () => {
  it('says in development why an avatar of a local server is not shown', () => {
    vi.stubEnv('NODE_ENV', 'development')
    const lines = recordLog()
    expect(render(ProfilePicture, { name: 'Alice', avatar: LOCAL })).toContain('data-letter="A"')
    expect(lines).toEqual([expect.stringContaining(`The avatar ${LOCAL} is not shown`)])
  })

  it.each([
    ['production', LOCAL],
    ['development', 'https://cdn.example.com/a.png'],
    ['development', '/a.png'],
    ['development', undefined],
  ])('is silent in %s for %s', (mode, avatar) => {
    vi.stubEnv('NODE_ENV', mode)
    const lines = recordLog()
    render(ProfilePicture, { name: 'Alice', avatar })
    expect(lines).toEqual([])
  })
})
