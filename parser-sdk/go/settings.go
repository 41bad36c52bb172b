package sdk

import "github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/host"

// Settings reads the asset's parser_settings as encoding/json does; an asset without settings has an empty
// object. They are the same for a whole poll. It fails when they aren't of the type; the error names the
// member, line and column.
func Settings(into any) error {
	return unmarshal("`parser_settings`", host.Settings(), into)
}

// SettingsText is the settings as JSON text, always of an object.
func SettingsText() string { return host.Settings() }
