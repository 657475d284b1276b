import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface ResponseObject {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, object>>;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Record<string, ResponseObject> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, ResponseObject>> };
}

export interface AnswerCheck {
  readonly document: OpenApi;
  /** Fails unless the answer is one that the document describes, body and content type included. */
  check(method: string, path: string, response: Response): Promise<void>;
}

/** For tests: holds answers against the document that the console itself serves, as a client would. */
export async function createAnswerCheck(url: string): Promise<AnswerCheck> {
  const document = (await (await fetch(`${url}/v1/openapi.json`)).json()) as OpenApi;
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true }, allErrors: true });
  ajv.addSchema(document as object, 'openapi');
  const compiled = new Map<string, ValidateFunction>();
  const patterns = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  // What is written out goes before what has a parameter.
  patterns.sort((a, b) => a.template.split('{').length - b.template.split('{').length);

  const schemaAt = (pointer: string): ValidateFunction => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi${pointer}` });
    compiled.set(pointer, known);
    return known;
  };

  return {
    document,
    async check(method, path, response) {
      const plain = path.split('?', 1)[0] ?? '';
      const template = patterns.find(({ pattern }) => pattern.test(plain))?.template ?? '';
      const operation = document.paths[template]?.[method.toLowerCase()];
      // A path or method that is not there is no operation's answer.
      if (operation === undefined) return;
      const described = operation.responses[response.status];
      assert.ok(described, `${method} ${template} answers ${response.status}, undocumented`);
      const escaped = template
        .replaceAll('~', '~0')
        .replaceAll('/', '~1')
        .replaceAll(/[{}]/g, encodeURIComponent);
      const base =
        described.$ref ?? `#/paths/${escaped}/${method.toLowerCase()}/responses/${response.status}`;
      const { content } =
        described.$ref === undefined
          ? described
          : (document.components.responses[described.$ref.split('/').at(-1) ?? ''] ?? {});
      const text = await response.clone().text();
      if (content === undefined) {
        assert.equal(text, '', `${method} ${template} answers without a body`);
        return;
      }
      const type = (response.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
      assert.ok(type in content, `${method} ${template} answers ${type}, undocumented`);
      const validate = schemaAt(`${base}/content/${type.replaceAll('/', '~1')}/schema`);
      if (!validate(JSON.parse(text))) {
        assert.fail(
          `${method} ${template}: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`,
        );
      }
    },
  };
}
