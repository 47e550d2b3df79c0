// Its URL is your client_id: keep it from the first day.
import { auth } from '../../auth'

export const { GET } = auth.handlers.clientMetadata
