export { default, metadata } from '../../devices/page.tsx'

// It waits for the session, so that it is complete without JavaScript.
export const instant = false
