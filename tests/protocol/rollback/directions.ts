/** Which version reads the data of which: the working tree after a deployment, 0.1.0 after a rollback. */
import { type Library, previous, workingTree } from './library.ts'
import { writeApplication } from './write-application.ts'
import { writeCommandLine } from './write-command-line.ts'
import { writeCustomStores } from './write-custom-stores.ts'
import {
  applicationSchema,
  applications,
  commandLineSchema,
  customStoresSchema,
  readFixture,
  type WrittenApplication,
  type WrittenCommandLine,
  type WrittenCustomStores,
} from './written.ts'

interface Direction<Written> {
  readonly title: string
  readonly reader: Library
  written(): Promise<Written>
}

const FORWARD = 'the working tree reads what 0.1.0 wrote'
const BACK = '0.1.0 reads what the working tree writes'

export const applicationDirections: readonly Direction<WrittenApplication>[] = applications.flatMap(
  ({ name, publicUrl }) => [
    {
      title: `${FORWARD} (${name} client)`,
      reader: workingTree,
      written: async () => readFixture(name, applicationSchema),
    },
    {
      title: `${BACK} (${name} client)`,
      reader: previous,
      written: once(() => writeApplication(workingTree, publicUrl)),
    },
  ],
)

export const customStoreDirections: readonly (Direction<WrittenCustomStores> & {
  readonly publicUrl: string
})[] = applications.flatMap(({ name, publicUrl }) => [
  {
    publicUrl,
    title: `${FORWARD} (${name} client)`,
    reader: workingTree,
    written: async () => readFixture(`custom-stores-${name}`, customStoresSchema),
  },
  {
    publicUrl,
    title: `${BACK} (${name} client)`,
    reader: previous,
    written: once(() => writeCustomStores(workingTree, publicUrl)),
  },
])

export const commandLineDirections: readonly Direction<WrittenCommandLine>[] = [
  {
    title: FORWARD,
    reader: workingTree,
    written: async () => readFixture('command-line', commandLineSchema),
  },
  { title: BACK, reader: previous, written: once(() => writeCommandLine(workingTree)) },
]

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}
