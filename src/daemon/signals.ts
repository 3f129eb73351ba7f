/** Answers what ends the listening. */
export function listenToSignals({ stop, look }: { readonly stop: () => void; readonly look: () => void }): () => void {
  const listened = [['SIGTERM', stop] as const, ['SIGINT', stop] as const, ['SIGHUP', look] as const]
  for (const [signal, listener] of listened) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listened) process.off(signal, listener)
  }
}
