import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { parseClientId } from '../../../../lib/oauth/client-metadata/client-id.ts'

describe('parseClientId', () => {
  it('gives the URL of the metadata document', () => {
    const clientId = 'https://my-app.com/client.json?v=2'
    expect(parseClientId(clientId, { allowLoopback: false }).href).toBe(clientId)
  })

  // `parseClientMetadata` and `fetchClientMetadata` take each http address for that of a loopback client, and the rules for
  // addresses allow http on this machine alone. Neither stands before it here.
  it('MD-1 refuses http, where anyone on the network could answer with metadata of their own', () => {
    for (const clientId of ['http://127.0.0.1:8443/client.json', 'http://localhost/client.json']) {
      const parse = () => parseClientId(clientId, { allowLoopback: true })
      expect(parse).toThrow(ConfigurationError)
      expect(parse).toThrow(/^The client_id is not https; it must be /)
    }
  })
})
