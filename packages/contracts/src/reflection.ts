import { readFileSync } from 'node:fs';
import { BinaryReader } from '@bufbuild/protobuf/wire';

/**
 * The protos in the shape that `ReflectionService` of @grpc/reflection takes, a `PackageDefinition`
 * of @grpc/proto-loader. Each entry is one encoded FileDescriptorProto, comments included.
 */
export type ReflectionPackage = Record<
  string,
  {
    readonly format: 'Protocol Buffer 3 DescriptorProto';
    readonly type: object;
    readonly fileDescriptorProtos: Buffer[];
  }
>;

const LENGTH_DELIMITED = 2;

/** The entries of `FileDescriptorSet.file`, each still encoded. */
function splitDescriptorSet(bytes: Uint8Array): Buffer[] {
  const reader = new BinaryReader(bytes);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === LENGTH_DELIMITED) files.push(Buffer.from(reader.bytes()));
    else reader.skip(wireType, field);
  }
  return files;
}

/**
 * Loads every file of `proto/` and what they import, for gRPC reflection.
 *
 * The files are handed over as buf compiled them. @grpc/proto-loader would take them apart and
 * answer one combined file for each package, without comments.
 */
export function loadReflectionPackage(): ReflectionPackage {
  const bytes = readFileSync(new URL('./gen/hookline.binpb', import.meta.url));
  const fileDescriptorProtos = splitDescriptorSet(bytes);
  return {
    'hookline.v1': { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos },
  };
}
