import { atproto } from '../../../atproto'

export const { GET, POST } = atproto.handlers
