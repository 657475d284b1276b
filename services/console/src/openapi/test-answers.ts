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
      const verb = method.toLowerCase();
      // A path or method that is not there is no operation's answer.
      if (document.paths[template]?.[verb] === undefined) return;
      const what = `${method} ${template} answers ${response.status}`;
      const { pointer, content } = describedAnswer(document, { template, verb }, response.status);
      const text = await response.clone().text();
      if (content === undefined) {
        assert.equal(text, '', `${what} without a body`);
        return;
      }
      const type = (response.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
      assert.ok(type in content, `${what} as ${type}, undocumented`);
      const validate = schemaAt(`${pointer}/content/${escaped(type)}/schema`);
      const faults = validate(JSON.parse(text)) ? '' : ajv.errorsText(validate.errors);
      assert.equal(faults, '', `${what}: ${text.slice(0, 500)}`);
    },
  };
}

/** Where the document describes an answer, and what its bodies are. */
function describedAnswer(
  document: OpenApi,
  { template, verb }: { readonly template: string; readonly verb: string },
  status: number,
) {
  const described = document.paths[template]?.[verb]?.responses[status];
  assert.ok(described, `${verb} ${template} answers ${status}, undocumented`);
  if (described.$ref === undefined) {
    const pointer = `#/paths/${escaped(template)}/${verb}/responses/${status}`;
    return { pointer, content: described.content };
  }
  const name = described.$ref.split('/').at(-1) ?? '';
  return { pointer: described.$ref, content: document.components.responses[name]?.content };
}

/** A name as a step of a JSON pointer within a URI. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll(/[{}]/g, encodeURIComponent);
}
