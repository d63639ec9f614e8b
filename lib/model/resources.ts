/** What a container asks for and may use, in Kubernetes' quantities (`100m`, `64Mi`). */
export interface Resources {
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}
