import Type from 'typebox'

/** The body of a $batch, for the OpenAPI document; read-batch.ts reads it. */
export const batchParameters = Type.Object({
  requests: Type.Array(
    Type.Object({
      id: Type.String(),
      method: Type.String(),
      url: Type.String(),
      headers: Type.Optional(Type.Object({})),
      body: Type.Optional(Type.Unknown()),
      dependsOn: Type.Optional(Type.Array(Type.String())),
    }),
    { minItems: 1, maxItems: 20 },
  ),
})
