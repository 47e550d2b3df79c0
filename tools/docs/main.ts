/** `npm run docs`: writes the pages that are made from the sources. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeApi } from './api.ts'
import { writeConfiguration } from './configuration.ts'
import { writeServers } from './servers.ts'
import { root } from './source.ts'

writeFileSync(join(root, 'docs/configuration.md'), writeConfiguration())
writeFileSync(join(root, 'docs/api.md'), writeApi())
writeFileSync(join(root, 'docs/servers.md'), writeServers())
