/**
 * Each Envoy watches its files with four instances of inotify, of which Linux gives a user 128 unless told otherwise; an Envoy that gets
 * none aborts. Says so, with the command that helps, where that is what its last words are about.
 * https://man7.org/linux/man-pages/man7/inotify.7.html
 */
export function watchesLacking(lastWords: readonly string[]): string | undefined {
  if (!lastWords.some((line) => line.includes('fs.inotify.max_user_instances'))) return undefined;
  return 'the system gives no more file watches, of which an Envoy needs four; stop what else has them, or allow more: sudo sysctl -w fs.inotify.max_user_instances=1024';
}
