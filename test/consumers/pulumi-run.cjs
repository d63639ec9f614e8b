// Runs a compiled Pulumi program with an engine that makes nothing, and prints what it exports.
const pulumi = require('@pulumi/pulumi');

const types = [];
pulumi.runtime
  .setMocks({
    newResource: ({ type, name, inputs }) => {
      types.push(type);
      return { id: `${name}-id`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  })
  .then(() => {
    const exported = require(require('node:path').resolve(process.argv[2]));
    let values;
    pulumi.output(exported).apply((known) => {
      values = known;
    });
    process.once('beforeExit', () => {
      const kubernetes = types.filter((type) => type.startsWith('kubernetes:')).length;
      console.log(JSON.stringify({ ...values, kubernetes }));
    });
  });
