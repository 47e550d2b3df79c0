/** The repository's address in package.json, and the addresses of its files. */

/** Where files of one version can be read. Paths are those in the repository. */
export interface Repository {
  /** Page of a file. */
  fileUrl(path: string): string
  /** Page of a folder. */
  folderUrl(path: string): string
  /** The bytes of a file, such as a picture. */
  rawUrl(path: string): string
}

/**
 * Reads `repository` of package.json in any form that npm accepts: `github:owner/name`, `owner/name`, an address, or an
 * object with `url`. Undefined when the field is missing, as it is until the owner sets it.
 *
 * Addresses contain the tag of the version, because the files of another version may be other files. The release
 * workflow publishes nothing but what that tag names.
 *
 * @throws TypeError for anything that is not a repository on GitHub: other hosts have other addresses
 */
export function parseRepository(field: unknown, version: string): Repository | undefined {
  if (field === undefined) return undefined
  const text = typeof field === 'object' && field !== null && 'url' in field ? field.url : field
  const pattern =
    /^(?:github:|(?:git\+)?(?:https|ssh):\/\/(?:git@)?github\.com\/|git@github\.com:)?([\w-]+)\/([\w.-]+?)(?:\.git)?\/?$/
  const [, owner, name] = (typeof text === 'string' && pattern.exec(text)) || []
  if (owner === undefined || name === undefined) {
    throw new TypeError(
      `"repository" in package.json is ${JSON.stringify(field)}. Expected a repository on GitHub, such as "github:owner/name".`,
    )
  }
  const page = (kind: string) => (path: string) =>
    `https://github.com/${owner}/${name}/${kind}/v${version}/${encodeURI(path)}`
  return {
    fileUrl: page('blob'),
    folderUrl: page('tree'),
    rawUrl: (path) => `https://raw.githubusercontent.com/${owner}/${name}/v${version}/${encodeURI(path)}`,
  }
}
