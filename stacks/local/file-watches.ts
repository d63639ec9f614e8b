import { watch } from 'node:fs';

/**
 * Each Envoy watches its files with four instances of inotify, of which Linux gives a user 128 unless told otherwise; an Envoy that gets
 * none aborts without naming the reason. Says so, with the command that helps, where there is none left.
 * https://man7.org/linux/man-pages/man7/inotify.7.html
 */
export function watchesLacking(folder: string): string | undefined {
  try {
    watch(folder).close();
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE') return undefined;
    return 'the system gives no more file watches, and an Envoy needs four; stop what has them, or allow more: sudo sysctl -w fs.inotify.max_user_instances=1024';
  }
}
