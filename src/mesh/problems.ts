/** What can be wrong with the files of a mesh and their links. The shapes of documents have their own list in documents/. */
import { defineProblems, didYouMean, type Place, type Problem, problem } from '../base/index.ts'

export const meshProblems = defineProblems({
  'yaml.syntax': {
    severity: 'error',
    title: 'A file is no valid YAML or JSON',
    why: 'Nothing of a file can be trusted when its text cannot be parsed.',
    mend: 'Look at the place; most often a colon, a quote or an indent is missing.',
  },
  'yaml.several-documents': {
    severity: 'error',
    title: 'A file holds more than one document',
    why: 'One definition is one file, so that history and ownership follow the file.',
    mend: 'Split the file at `---`.',
  },
  'init.not-empty': {
    severity: 'error',
    title: 'The folder is not empty',
    why: 'A new mesh never mixes with files that are there already.',
    mend: 'Name a folder that is empty or not there yet.',
  },
  'init.unknown-example': {
    severity: 'error',
    title: 'There is no such example',
    why: 'Weft comes with a few examples, listed in the message.',
    mend: 'Take one of the names, or leave --example out for a small mesh.',
  },
  'mesh.too-large': {
    severity: 'error',
    title: 'A definition file is larger than its limit',
    why: 'A definition is written by people; one of megabytes is most likely data.',
    mend: 'Move data elsewhere, or raise `limits.definitionBytesMax`.',
  },
  'mesh.too-many-definitions': {
    severity: 'error',
    title: 'A root has more definition files than its limit',
    why: 'The limit keeps a wrong root, such as a home folder, from being read whole.',
    mend: 'Check the path of the root, or raise `limits.definitionsMax`.',
  },
  'mesh.unknown-variable': {
    severity: 'error',
    title: 'A variable has no value in this environment',
    why: '`${VAR}` is read from `environments.<env>.variables` of mesh.yaml and from nowhere else.',
    mend: 'Add the variable to the environment, or give a default: `${VAR:-value}`.',
  },
  'mesh.unknown-environment': {
    severity: 'error',
    title: 'The mesh has no such environment',
    why: 'Environments are listed in mesh.yaml.',
    mend: 'Take one of the names in the message, or add it.',
  },
  'mesh.unknown-root': {
    severity: 'error',
    title: 'A root cannot be read',
    why: 'The folder of a root must be there; the definitions of a root that is away must not look like removed ones.',
    mend: 'Check its `path` in mesh.yaml. A root that is kept elsewhere in git is checked out first and named by `path`.',
  },
  'mesh.duplicate': {
    severity: 'error',
    title: 'Two definitions have the same id',
    why: 'Everything refers to a definition by its id, so that an id can mean one thing only.',
    mend: 'Rename one of the two; the message says where the other stands.',
  },
  'mesh.several-meshes': {
    severity: 'error',
    title: 'There is more than one definition of the mesh',
    why: 'What holds for the whole mesh stands in one place, the mesh.yaml of the project.',
    mend: 'Remove the second one, or move its roots and environments to the first.',
  },
  'mesh.unknown-domain': {
    severity: 'error',
    title: 'A domain is not known',
    why: 'A product belongs to a domain, whose team answers for it.',
    mend: 'Name a domain that has a domain.yaml, or write one.',
  },
  'mesh.unknown-product': {
    severity: 'error',
    title: 'A product is not known',
    why: 'The file refers to a product that no file defines.',
    mend: 'Take the nearest name, or add the product.',
  },
  'mesh.unknown-contract': {
    severity: 'error',
    title: 'A contract is not known',
    why: 'A port names its contract by the id that stands in the contract.',
    mend: 'Take the nearest id, or add the contract.',
  },
  'mesh.unknown-port': {
    severity: 'error',
    title: 'An output or input port is not known',
    why: 'The file refers to a port that the product does not have.',
    mend: 'Take the nearest name.',
  },
  'mesh.unknown-dataset': {
    severity: 'error',
    title: 'A dataset is not known',
    why: 'The file refers to a dataset that the contract does not have.',
    mend: 'Take the nearest name.',
  },
  'mesh.unknown-column': {
    severity: 'error',
    title: 'A column is not known',
    why: 'A check, a key or a promise names a column that the dataset does not have.',
    mend: 'Take the nearest name.',
  },
  'mesh.unknown-term': {
    severity: 'error',
    title: 'A term is not known',
    why: 'A link to a term gives a column its shared meaning; a broken link gives it none.',
    mend: 'Take the nearest id, or write the term.',
  },
  'mesh.unknown-team': {
    severity: 'error',
    title: 'A team is not known',
    why: "Teams stand in domain.yaml, once; a product names the team of its domain, and whoever asks for its owner is told that team's.",
    mend: 'Take the name of a team that a domain has.',
  },
  'mesh.unknown-person': {
    severity: 'error',
    title: 'A person is not known',
    why: 'People stand in the teams of domains and in the groups of the mesh; whoever stands in neither gets no message and gives no approval.',
    mend: 'Take the nearest name, or add the person to a team or group.',
  },
  'mesh.unknown-classification': {
    severity: 'error',
    title: 'A classification is not known',
    why: 'Policies select columns by classification; a misspelt one is protected by none.',
    mend: 'Take the nearest id, or add it to `classifications` in mesh.yaml.',
  },
  'mesh.unknown-jurisdiction': {
    severity: 'error',
    title: 'A jurisdiction is not known',
    why: 'Policies apply by jurisdiction; a misspelt one brings none.',
    mend: 'Take the nearest id, or add it to `jurisdictions` in mesh.yaml.',
  },
  'mesh.unknown-tag': {
    severity: 'warning',
    title: 'A policy selects a tag that nothing has',
    why: 'Such a policy protects nothing. Where the tag is nearly one that is used, it is an error.',
    mend: 'Take the nearest tag, or give the tag to what is meant.',
  },
  'mesh.unknown-role': {
    severity: 'error',
    title: 'A role is not known',
    why: 'An agreement gives a role of the contract; one that the contract does not have gives nothing.',
    mend: 'Take the nearest role, or add it to `roles` of the contract.',
  },
  'mesh.unknown-selection': {
    severity: 'error',
    title: 'A policy applies to something that cannot be',
    why: 'The key has a fixed list of values; a misspelt one selects nothing.',
    mend: 'Take one of the values in the message.',
  },
  'mesh.unknown-group': {
    severity: 'error',
    title: 'A group is not known',
    why: 'Groups stand in mesh.yaml.',
    mend: 'Take the nearest id, or add the group.',
  },
  'mesh.no-owner': {
    severity: 'warning',
    title: 'A domain has nobody who owns it',
    why: 'Changes and incidents of its products would reach nobody.',
    mend: 'Give one member of the team the role owner.',
  },
  'mesh.parent-cycle': {
    severity: 'error',
    title: 'Domains are inside one another in a circle',
    why: 'A domain has at most one parent, and no domain is inside itself.',
    mend: 'Remove one `parent`.',
  },
  'mesh.dataset-collision': {
    severity: 'error',
    title: 'Two datasets of a product would have the same name',
    why: 'Readers find a dataset by <domain>.<product>.<dataset>; the name must be unique for each major version.',
    mend: 'Rename one of the two.',
  },
  'mesh.unused-file': {
    severity: 'warning',
    title: 'Nothing uses a file',
    why: 'A file that nothing uses is most often misnamed: a model must be called like its dataset.',
    mend: 'Rename it or remove it.',
  },
  'mesh.shared-contract': {
    severity: 'error',
    title: 'Two output ports keep one contract',
    why: 'A contract is the promise of one port: its datasets belong to that port, and its readers hear from its owner.',
    mend: 'Copy the contract under another id for the second port.',
  },
  'contract.version-differs': {
    severity: 'error',
    title: "A port's version is not that of its contract",
    why: 'Readers see the version of the port; it must say what the contract says.',
    mend: 'Write the same version in both files.',
  },
  'contract.no-version': {
    severity: 'error',
    title: 'A version is no semantic version',
    why: 'The first number of the version is the major that readers name; without it nobody can say what breaks.',
    mend: 'Write three numbers, as in 1.0.0.',
  },
  'contract.unknown-type': {
    severity: 'warning',
    title: 'A physical type is not known',
    why: 'The type of the column is then taken from its logicalType, which may be wider or narrower than what was meant.',
    mend: 'Write a type as DuckDB has it, such as VARCHAR, BIGINT or DECIMAL(18,3), or leave physicalType out.',
  },
  'source.no-contract': {
    severity: 'warning',
    title: 'An input port has no contract that says where its data is',
    why: 'Without a contract neither the columns nor the files of the input are known, so models that read it cannot be checked.',
    mend: 'Give the contract `servers`, or name a contract that a product of the mesh provides.',
  },
  'pipeline.history': {
    severity: 'error',
    title: 'A dataset that keeps history lacks what a history needs',
    why: 'A history is made from what the model answers at each run: rows are told apart by the primary key, and each holds from valid_from to valid_to.',
    mend: 'Mark the key in the contract, and add the columns valid_from and valid_to.',
  },
  'pipeline.unsupported': {
    severity: 'error',
    title: 'A pipeline asks for something that cannot be done',
    why: 'Building the dataset in another way than the file says would be a surprise.',
    mend: 'See the message.',
  },
  'promise.unknown-element': {
    severity: 'error',
    title: 'A promise is about something that the contract does not have',
    why: 'A promise that is measured on nothing is never broken and never kept.',
    mend: 'Name <dataset>.<column> of this contract in `element`.',
  },
})

/** A name that leads nowhere, with the nearest valid one as help. */
export const unknownName = (
  code: keyof typeof meshProblems & string,
  message: string,
  found: string,
  valid: readonly string[],
  place: Place,
): Problem =>
  problem(meshProblems, code, message, {
    place,
    found,
    expected: valid.length === 0 ? undefined : [...new Set(valid)].slice(0, 12).join(', '),
    help: didYouMean(found, valid),
  })
