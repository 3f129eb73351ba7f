import type { DesiredApp } from '../../desired/desired.ts'

/** An app that may have more and fewer workers. */
export type ScaledApp = DesiredApp & { readonly scale: NonNullable<DesiredApp['scale']> }

export function isScaled(app: DesiredApp): app is ScaledApp {
  return app.scale !== undefined
}
