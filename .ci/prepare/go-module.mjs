// Go modules, fetched by go as it is configured and checked against the sum that go.sum would hold. The module is data here:
// a Go that is too old to build it serves as well.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, install } from './apt.mjs';
import { failure } from './cache.mjs';
import { run, which } from './command.mjs';
import { openZip } from './zip.mjs';

/** The entries of a module's archive, by their path inside the module. */
export function openGoModule({ path, version, sum }, say) {
  if (!which('go') && canInstall()) install('golang-go', say);
  if (!which('go')) {
    throw failure(
      `go is needed to download the module ${path}`,
      'install Go (Debian: golang-go); any version from 1.16 will do',
    );
  }
  const entries = openZip(download(path, version, sum));
  const prefix = `${path}@${version}/`;
  return new Map([...entries].map(([name, entry]) => [name.slice(prefix.length), entry]));
}

function download(path, version, sum) {
  const elsewhere = mkdtempSync(join(tmpdir(), 'go-module-')); // outside of any module or workspace
  const result = run('go', ['mod', 'download', '-json', `${path}@${version}`], {
    cwd: elsewhere,
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  rmSync(elsewhere, { recursive: true, force: true });
  const answer = result.stdout.startsWith('{') ? JSON.parse(result.stdout) : {};
  // A Go older than the module says so in `Error`, after it has downloaded and verified it.
  if (!answer.Zip || !existsSync(answer.Zip)) {
    throw failure(
      `go could not download ${path}@${version}:\n  ${answer.Error ?? result.said}`,
      `make "go mod download ${path}@${version}" work: it needs a Go module proxy, which "go env GOPROXY" names`,
    );
  }
  if (answer.Sum !== sum) {
    throw failure(
      `${path}@${version} has the sum ${answer.Sum}, expected ${sum}`,
      'clear the Go module cache ("go clean -modcache") and try again',
    );
  }
  return answer.Zip;
}
