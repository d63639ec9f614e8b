import { mesh } from '../../support/model-builder';
import type { Cases } from '../cases';
import { shop } from '../shop';

export const cases: Cases = {
  valid: { model: shop({ mesh: mesh({ trustDomain: 'prod-1.shop_eu.example' }) }) },
  invalid: [
    {
      name: 'capital letters',
      model: shop({ mesh: mesh({ trustDomain: 'Shop.example' }) }),
      findings: [
        {
          at: 'Mesh mesh',
          message:
            "trustDomain \"Shop.example\" is refused by SPIFFE: it has 1 to 255 lower case letters, digits, '.', '-' and '_'",
          fix: "give `trustDomain` a name of that form, such as 'shop.example'",
        },
      ],
    },
    {
      name: 'a URI',
      model: shop({ mesh: mesh({ trustDomain: 'spiffe://shop.example' }) }),
      findings: [
        {
          at: 'Mesh mesh',
          message:
            "trustDomain \"spiffe://shop.example\" is refused by SPIFFE: it has 1 to 255 lower case letters, digits, '.', '-' and '_'",
          fix: "give `trustDomain` a name of that form, such as 'shop.example'",
        },
      ],
    },
  ],
};
