-- Auditors ask for evidence by the hash that was endorsed.
create index endorsement_evidence on endorsement (evidence);
