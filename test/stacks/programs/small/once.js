// Calls its upstream where its environment says it is, says what it got, and ends.
const { FRONT_SERVICE_HOST, FRONT_SERVICE_PORT } = process.env;
fetch(`http://${FRONT_SERVICE_HOST}:${FRONT_SERVICE_PORT}/once`)
  .then((response) => response.json())
  .then(({ standsInFor, path }) => console.log(`${standsInFor} answers ${path}`));
