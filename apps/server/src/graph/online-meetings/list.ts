import type { Context } from '../../config/context.ts'
import { GraphError } from '../errors.ts'
import type { GraphRequest, GraphResponse } from '../operation.ts'
import type { Owner } from './owner.ts'

export async function listMeetings(_request: GraphRequest, _context: Context, _owner: Owner): Promise<GraphResponse> {
  throw new GraphError('filterExpected')
}
