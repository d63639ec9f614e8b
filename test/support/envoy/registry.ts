/** Every message that Envoy knows: the control plane's own descriptors. */
export { decode, encode } from '../../../proxy/xds/codec';
export { registry } from '../../../proxy/xds/descriptors';
