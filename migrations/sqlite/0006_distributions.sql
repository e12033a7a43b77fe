-- What advisories of a distribution are asked about: mostly the source package, in a release.

-- The package whose advisories speak of the version; the package itself where that is the same.
ALTER TABLE package_version ADD COLUMN subject_package_id INTEGER REFERENCES package (id);
-- The version that they speak of.
ALTER TABLE package_version ADD COLUMN subject_version TEXT;
-- In the form that the ecosystems crate gives it; absent when there is none, or none is known.
ALTER TABLE package_version ADD COLUMN distribution_release TEXT;
-- The module and stream that the package was built for: `nodejs:14`.
ALTER TABLE package_version ADD COLUMN module_stream TEXT;

UPDATE package_version SET subject_package_id = package_id, subject_version = version;

CREATE INDEX package_version_subject_package_idx ON package_version (subject_package_id);
