"""The laptop cloud: API Gateway, Lambda, SQS, schedules and DynamoDB on one machine.

It reads ``template.yaml`` and knows nothing of the product that the template describes.
"""
