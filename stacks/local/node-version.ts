/** What package.json asks for; npm only warns of it. */
export const oldestNode = '20.19.0';

/** @throws Error that says what to install */
export function requireNode(version: string = process.versions.node): void {
  const numbers = (text: string) => text.split('.').map(Number);
  const [major = 0, minor = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(oldestNode);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(
    `this is Node.js ${version}, and ${oldestNode} or newer is needed; install it: https://nodejs.org/en/download`,
  );
}
