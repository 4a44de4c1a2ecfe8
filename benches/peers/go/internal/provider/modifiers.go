// Plan modifiers that say when a change replaces an instance. What the framework brings is used from
// there; taking a value over after an import, without a replacement, is left out.

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	replacedByNoMonths = int64If("Going back to pay as you go replaces the resource.",
		func(_ context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = req.StateValue.ValueInt64() > 0 && !req.PlanValue.IsUnknown() && req.PlanValue.ValueInt64() == 0
		})

	replacedByBilling = stringIf("Only a change from `onDemand` to `monthly` is made in place.",
		func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			inPlace := req.StateValue.ValueString() == onDemand && req.PlanValue.ValueString() == monthly
			resp.RequiresReplace = !req.ConfigValue.IsNull() && !req.StateValue.IsNull() && !inPlace
		})

	replacedByText = stringIf("Another text replaces the resource; none and an empty one are the same.",
		func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = req.PlanValue.IsUnknown() || req.PlanValue.ValueString() != req.StateValue.ValueString()
		})

	replacedByLogin = stringIf(loginText,
		func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			saved, diags := savedLoginTakesOver(ctx, req.Plan)
			resp.Diagnostics.Append(diags...)
			resp.RequiresReplace = !saved
		})

	replacedByLoginVersion = int64If(loginText,
		func(ctx context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			saved, diags := savedLoginTakesOver(ctx, req.Plan)
			resp.Diagnostics.Append(diags...)
			resp.RequiresReplace = !saved
		})
)

const loginText = "Another login replaces the resource, unless `image_auth_id` takes its place."

func int64If(text string, replaces int64planmodifier.RequiresReplaceIfFunc) planmodifier.Int64 {
	return int64planmodifier.RequiresReplaceIf(replaces, text, text)
}

func stringIf(text string, replaces stringplanmodifier.RequiresReplaceIfFunc) planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(replaces, text, text)
}

// savedLoginTakesOver says whether the plan has a login that is saved in the account, and no other.
func savedLoginTakesOver(ctx context.Context, plan tfsdk.Plan) (bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	var login, saved types.String
	var version types.Int64
	diags.Append(plan.GetAttribute(ctx, path.Root("image_auth"), &login)...)
	diags.Append(plan.GetAttribute(ctx, path.Root("image_auth_id"), &saved)...)
	diags.Append(plan.GetAttribute(ctx, path.Root("image_auth_wo_version"), &version)...)
	return login.IsNull() && version.IsNull() && (saved.IsUnknown() || saved.ValueString() != ""), diags
}
