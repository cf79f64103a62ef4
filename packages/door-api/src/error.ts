/** A refusal in Graph's form, with a stable `code`; `target` is the member at fault. */
export interface ErrorBody {
  error: { code: string; message: string; target?: string; innerError?: Record<string, unknown> }
}
