#!/usr/bin/env bash
# What the bench compares with: the Lambda function and its notification, deployed by a script around the AWS CLI, the way it was
# done before this tool. Written anew for the bench after the description of that script; its weaknesses are the described ones:
# each run writes everything again, waits blindly, takes the invoke permission away before it gives it back, and replaces the
# bucket's whole notification configuration.
#
# Wants ACCOUNT_ID, REGION, BUCKET, MAIL_DOMAIN and HANDLER, the path of the function's bundle.
set -euo pipefail

function_name=agentkeys-ses-router
role_name=$function_name-lambda-role
function_arn=arn:aws:lambda:$REGION:$ACCOUNT_ID:function:$function_name
role_arn=arn:aws:iam::$ACCOUNT_ID:role/$role_name
bucket_arn=arn:aws:s3:::$BUCKET
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

caller=$(aws sts get-caller-identity --query Account --output text)
if [ "$caller" != "$ACCOUNT_ID" ]; then
  echo "These credentials are of account $caller, not of $ACCOUNT_ID." >&2
  exit 1
fi

echo "Execution role $role_name"
if ! aws iam get-role --role-name "$role_name" >"$build/role.json" 2>"$build/role.err"; then
  aws iam create-role --role-name "$role_name" --assume-role-policy-document '{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
  }' >"$build/role.json"
fi
aws iam put-role-policy --role-name "$role_name" --policy-name "$role_name-inline" --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "'"$bucket_arn"'/inbound/*"},
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "'"$bucket_arn"'/bots/*/inbound/*"},
    {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
  ]
}'

echo "Function $function_name"
cp "$HANDLER" "$build/index.js"
if command -v zip >"$build/zip.out"; then
  (cd "$build" && zip -q function.zip index.js)
else
  (cd "$build" && python3 -m zipfile -c function.zip index.js)
fi
environment="Variables={BUCKET=$BUCKET,MAIL_DOMAIN=$MAIL_DOMAIN}"
if aws lambda get-function --function-name "$function_name" >"$build/function.json" 2>"$build/function.err"; then
  aws lambda update-function-code --function-name "$function_name" --zip-file "fileb://$build/function.zip" \
    >"$build/function.json"
  aws lambda wait function-updated --function-name "$function_name"
  aws lambda update-function-configuration --function-name "$function_name" --role "$role_arn" --timeout 30 \
    --memory-size 256 --environment "$environment" >"$build/function.json"
else
  aws lambda create-function --function-name "$function_name" --runtime nodejs22.x --handler index.handler \
    --role "$role_arn" --timeout 30 --memory-size 256 --environment "$environment" \
    --zip-file "fileb://$build/function.zip" >"$build/function.json"
fi
sleep 5

echo "Permission for S3 to invoke it"
aws lambda remove-permission --function-name "$function_name" --statement-id "$function_name-s3-invoke" \
  2>"$build/permission.err" || true
aws lambda add-permission --function-name "$function_name" --statement-id "$function_name-s3-invoke" \
  --action lambda:InvokeFunction --principal s3.amazonaws.com --source-arn "$bucket_arn" \
  --source-account "$ACCOUNT_ID" >"$build/permission.json"

echo "Notification of bucket $BUCKET"
aws s3api put-bucket-notification-configuration --bucket "$BUCKET" --notification-configuration '{
  "LambdaFunctionConfigurations": [{
    "Id": "'"$function_name"'-inbound",
    "LambdaFunctionArn": "'"$function_arn"'",
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "inbound/"}]}}
  }]
}'

echo "Policy of the broker's role"
aws iam put-role-policy --role-name agentkeys-broker-host --policy-name agentkeys-broker-inbound --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "'"$bucket_arn"'",
     "Condition": {"StringLike": {"s3:prefix": "inbound/*"}}},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "'"$bucket_arn"'/inbound/*"},
    {"Effect": "Deny", "Action": "s3:GetObject*", "Resource": "'"$bucket_arn"'/bots/*/inbound/*"}
  ]
}'
aws lambda get-function-configuration --function-name "$function_name" --query '[FunctionArn, State]' --output text
