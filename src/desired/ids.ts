/** `<plugin>/<app>`, or `<plugin>/@<daemon>`: no app has such a name. */
export type AppId = string & { readonly __brand: 'AppId' }

/** `<plugin>/<app>#<slot>`, slots counted from 1. */
export type SlotId = string & { readonly __brand: 'SlotId' }

/** Equal exactly when two workers would be started in the same way from the same sources. */
export type SpecHash = string & { readonly __brand: 'SpecHash' }
