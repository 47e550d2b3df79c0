/** A page without a check of its own, which no application should have: it shows what the guard alone keeps out. */
export default function Plain() {
  return <p>Only the guard is before this text</p>
}
